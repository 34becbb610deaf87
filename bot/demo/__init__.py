"""The whole product on this machine: a workspace in a box, two hosts behind real sshd, a shop that really hangs."""
