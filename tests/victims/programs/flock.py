# cause: blocked_file_lock  function: save
import fcntl,os,tempfile,time
PATH=tempfile.mktemp()
if os.fork()==0:
    f=open(PATH,"w"); fcntl.flock(f,fcntl.LOCK_EX)
    parent=os.getppid()
    while os.getppid()==parent: time.sleep(.1)
    os._exit(0)
time.sleep(.5)
def save():
    f=open(PATH,"w")
    fcntl.flock(f,fcntl.LOCK_EX)  # culprit
print("ready",flush=True); save()
