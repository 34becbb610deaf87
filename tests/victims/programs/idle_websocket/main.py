# not hung needs: websocket
import base64
import hashlib
import os
import socket

import websocket

server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
if os.fork() == 0:
    connection, _ = server.accept()
    head = connection.recv(65536).decode()
    key = [line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key")][0]
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    connection.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n" % base64.b64encode(digest).decode()).encode())
    connection.recv(65536)
    os._exit(0)
server.close()


def on_message(app, message):
    print(message)


def on_open(app):
    print("ready", flush=True)


websocket.WebSocketApp("ws://127.0.0.1:%d/feed" % port, on_message=on_message, on_open=on_open).run_forever()
