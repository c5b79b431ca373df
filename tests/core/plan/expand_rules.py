"""Lines "START<tab>RRULE<tab>N" -> the first N days of each rule as dateutil sees them, one line a rule."""

import itertools
import sys
from datetime import datetime

from dateutil.rrule import rrulestr

for line in sys.stdin:
    start, rule, most = line.rstrip("\n").split("\t")
    days = rrulestr(rule, dtstart=datetime.strptime(start, "%Y%m%d"))
    print(" ".join(day.strftime("%Y%m%d") for day in itertools.islice(days, int(most))))
