# cause: busy_loop place: dateutil/rrule.py:_iter needs: dateutil
import datetime

from dateutil.rrule import rrulestr

RULE = "DTSTART:20221205T210000\nRRULE:FREQ=MONTHLY;INTERVAL=0;BYHOUR=0;BYDAY=MO;BYMONTHDAY=1;UNTIL=20261231T200000"


class Calendar:
    def __init__(self, rules):
        self.rules = [rrulestr(rule) for rule in rules]

    def following(self, when):
        return [rule.after(when) for rule in self.rules]  # caller


print("ready", flush=True)
Calendar([RULE]).following(datetime.datetime(2024, 1, 1))
