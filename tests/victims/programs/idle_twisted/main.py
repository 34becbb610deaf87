# not hung ask: 1 quiet: 1 needs: twisted
from twisted.internet import protocol, reactor, task


class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


task.LoopingCall(lambda: None).start(10)
port = reactor.listenTCP(0, protocol.Factory.forProtocol(Echo), interface="127.0.0.1")
print("ready", port.getHost().port, flush=True)
reactor.run()
