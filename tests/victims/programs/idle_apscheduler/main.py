# cause: idle needs: apscheduler
from apscheduler.schedulers.blocking import BlockingScheduler

scheduler = BlockingScheduler()
scheduler.add_job(print, "interval", minutes=30, args=("swept",))
print("ready", flush=True)
scheduler.start()
