# cause: blocked_network  function: price
import socket,urllib.request
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(5)
def price(sku):
    url="http://127.0.0.1:%d/%s"%(s.getsockname()[1],sku)
    return urllib.request.urlopen(url, timeout=300).read()  # culprit
def handler():
    return price("a")
print("ready",flush=True); handler()
