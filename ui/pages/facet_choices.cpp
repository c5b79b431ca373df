#include "ui/pages/facet_choices.h"

#include "ui/pages/table_pane.h"

namespace headgate {

void offerFacets(TablePane& pane, const QStringList& kinds)
{
    for (const QString& kind : kinds) {
        QStringList values;
        for (const TableRow& row : pane.model().rows()) {
            for (const QString& facet : row.facets) {
                if (facet.startsWith(kind + ':'))
                    values << facet.mid(kind.size() + 1);
            }
        }
        values.removeDuplicates();
        values.sort();
        pane.filterBar().setChoiceValues(kind, values);
    }
}

}  // namespace headgate
