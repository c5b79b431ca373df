"""Reads a calendar as another program does: the starts of its events in UTC, one line an event, in [FROM, TO).

Takes the zones from the calendar itself, not from the machine.
"""

import sys
from datetime import date, datetime, timedelta, timezone

from dateutil.rrule import rruleset, rrulestr
from icalendar import Calendar

FROM, TO = (datetime.strptime(word, "%Y%m%d").replace(tzinfo=timezone.utc) for word in sys.argv[1:3])
calendar = Calendar.from_ical(sys.stdin.buffer.read())
zones = {str(zone["TZID"]): zone.to_tz() for zone in calendar.walk("VTIMEZONE")}


def wall(value):
    return value.replace(tzinfo=None)


def instant(value, zone):
    if zone is None:
        return value.replace(tzinfo=timezone.utc)
    return zones[zone].localize(value).astimezone(timezone.utc)


def times(event, name):
    entries = event.get(name, [])
    for entry in entries if isinstance(entries, list) else [entries]:
        yield from (wall(each.dt) for each in entry.dts)


for event in calendar.walk("VEVENT"):
    start = event["DTSTART"]
    assert not isinstance(start.dt, date) or isinstance(start.dt, datetime)
    zone = start.params.get("TZID")
    occurrences = rruleset()
    if "RRULE" in event:
        rule = event["RRULE"].to_ical().decode().split(";")
        until = next((part[6:] for part in rule if part.startswith("UNTIL=")), None)
        parts = ";".join(part for part in rule if not part.startswith("UNTIL="))
        last = None
        if until:
            last = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        occurrences.rrule(rrulestr(parts, dtstart=wall(start.dt)))
    else:
        last = None
        occurrences.rdate(wall(start.dt))
    for extra in times(event, "RDATE"):
        occurrences.rdate(extra)
    for removed in times(event, "EXDATE"):
        occurrences.exdate(removed)
    extras = set(times(event, "RDATE"))
    found = []
    for each in occurrences.between(wall(FROM) - timedelta(2), wall(TO) + timedelta(2), inc=True):
        at = instant(each, zone)
        if FROM <= at < TO and (last is None or at <= last or each in extras):
            found.append(at.strftime("%Y%m%dT%H%M%SZ"))
    print(event["UID"], *found)
