// cause: deadlock
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_mutex_t savings = PTHREAD_MUTEX_INITIALIZER, checking = PTHREAD_MUTEX_INITIALIZER;

static void move(pthread_mutex_t *from, pthread_mutex_t *to) {
    pthread_mutex_lock(from);
    usleep(200000);
    pthread_mutex_lock(to);  // culprit
    pthread_mutex_unlock(to);
    pthread_mutex_unlock(from);
}

static void *deposit(void *nothing) {
    move(&checking, &savings);
    return nothing;
}

static void *withdraw(void *nothing) {
    move(&savings, &checking);
    return nothing;
}

int main(void) {
    pthread_t one, two;
    pthread_create(&one, NULL, deposit, NULL);
    pthread_create(&two, NULL, withdraw, NULL);
    puts("ready");
    fflush(stdout);
    pthread_join(one, NULL);
    return 0;
}
