# cause: regex_backtracking  function: check
import re
P=re.compile(r"^(a+)+$")
def check(line):
    return P.match(line)  # culprit
print("ready",flush=True); check("a"*60+"!")
