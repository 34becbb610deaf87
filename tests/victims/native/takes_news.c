// honest: waits for whatever a peer says next, which may be nothing for long
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static void follow(int connection) {
    char news[100];
    while (recv(connection, news, sizeof news, 0) > 0)
        puts(news);
}

int main(int count, char **words) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(atoi(words[count - 1])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&peer, sizeof peer)) return 1;
    puts("ready");
    fflush(stdout);
    follow(connection);
    return 0;
}
