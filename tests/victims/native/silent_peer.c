// cause: blocked_network
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static long ask(int connection, char *answer, long size) {
    if (write(connection, "price of 12\n", 12) != 12) return -1;
    return recv(connection, answer, size, 0);  // culprit
}

int main(int count, char **words) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(atoi(words[count - 1])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char answer[100];
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&peer, sizeof peer)) return 1;
    puts("ready");
    fflush(stdout);
    return ask(connection, answer, sizeof answer) < 0;
}
