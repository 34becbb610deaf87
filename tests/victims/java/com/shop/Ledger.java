// cause: deadlock
package com.shop;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Writers take the index after the book, readers the book after the index. */
public final class Ledger {
    private final Lock book = new ReentrantLock();
    private final Lock index = new ReentrantLock();

    private void write() throws InterruptedException {
        book.lock();
        try {
            Thread.sleep(150);
            index.lock(); // culprit
            index.unlock();
        } finally {
            book.unlock();
        }
    }

    private void read() throws InterruptedException {
        index.lock();
        try {
            Thread.sleep(150);
            book.lock(); // culprit
            book.unlock();
        } finally {
            index.unlock();
        }
    }

    public static void main(String[] args) {
        Ledger ledger = new Ledger();
        ExecutorService workers = Executors.newFixedThreadPool(4);
        workers.submit(() -> {
            ledger.write();
            return null;
        });
        workers.submit(() -> {
            ledger.read();
            return null;
        });
        System.out.println("ready");
    }
}
