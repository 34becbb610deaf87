// cause: orphan_lock
package com.shop;

import java.util.concurrent.locks.ReentrantLock;

/** A correction failed between lock and unlock, and its thread ended with that. */
public final class Stock {
    private final ReentrantLock shelf = new ReentrantLock();
    private int pieces = 3;

    void correct(int by) {
        shelf.lock();
        if (pieces < by) {
            throw new IllegalStateException("not so many");
        }
        pieces -= by;
        shelf.unlock();
    }

    int count() {
        shelf.lock(); // culprit
        try {
            return pieces;
        } finally {
            shelf.unlock();
        }
    }

    public static void main(String[] args) throws Exception {
        Stock stock = new Stock();
        Thread correction = new Thread(() -> stock.correct(5), "correction");
        correction.setUncaughtExceptionHandler((thread, failure) -> { });
        correction.start();
        correction.join();
        new Thread(() -> System.out.println(stock.count()), "http-1").start();
        new Thread(() -> System.out.println(stock.count()), "http-2").start();
        System.out.println("ready");
    }
}
