// not hung
package com.shop;

import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Takes jobs from a queue that is empty now, and cleans up every minute. */
public final class Queue {
    public static void main(String[] args) throws Exception {
        LinkedBlockingQueue<Runnable> jobs = new LinkedBlockingQueue<>();
        Executors.newScheduledThreadPool(1).scheduleAtFixedRate(System::gc, 60, 60, TimeUnit.SECONDS);
        System.out.println("ready");
        while (true) {
            jobs.take().run();
        }
    }
}
