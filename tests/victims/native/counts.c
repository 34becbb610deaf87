// honest: works, and nobody can tell from outside whether it will end
#include <stdio.h>

static volatile unsigned long found;

static void search(unsigned long from) {
    for (unsigned long number = from;; number += 2) {
        unsigned long divisor = 3;
        while (divisor * divisor <= number && number % divisor) divisor += 2;
        found += divisor * divisor > number;
    }
}

int main(void) {
    puts("ready");
    fflush(stdout);
    search(1000000001);
    return 0;
}
