# cause: busy_loop  function: parse
def parse(buf):
    i=0; out=[]; total=0
    while i < len(buf):
        c=buf[i]
        if c==' ':
            total+=1
            continue
        i+=1
        out.append(c)
    return out
def main():
    print("ready",flush=True)
    parse("hello world")
main()
