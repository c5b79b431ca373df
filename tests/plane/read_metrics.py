"""Reads a page of metrics with Prometheus' own parser and writes its samples as JSON."""
import json
import sys

from prometheus_client.parser import text_string_to_metric_families

families = list(text_string_to_metric_families(sys.stdin.read()))
json.dump({"types": {family.name: family.type for family in families},
           "samples": [{"name": sample.name, "labels": sample.labels, "value": sample.value}
                       for family in families for sample in family.samples]}, sys.stdout)
