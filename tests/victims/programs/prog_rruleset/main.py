# not hung needs: dateutil
import datetime

from dateutil import rrule


def free_slot(start):
    slots = rrule.rruleset()
    slots.rrule(rrule.rrule(rrule.MINUTELY, dtstart=start))
    slots.exrule(rrule.rrule(rrule.MINUTELY, dtstart=start))
    return slots.after(start)


print("ready", flush=True)
free_slot(datetime.datetime(2024, 1, 1))
