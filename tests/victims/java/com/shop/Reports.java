// cause: pool_exhausted
package com.shop;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Reports ask the pool they run in for their parts. */
public final class Reports {
    private static final ExecutorService POOL = Executors.newFixedThreadPool(3);

    static int monthly() throws InterruptedException, ExecutionException {
        Thread.sleep(100);
        return POOL.submit(() -> 42).get(); // culprit
    }

    public static void main(String[] args) {
        for (int n = 0; n < 3; n++) {
            POOL.submit(Reports::monthly);
        }
        System.out.println("ready");
    }
}
