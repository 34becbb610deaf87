"""One thread that sends and receives for all connections: the reactor, a link each, and channels of our own on them."""
