// cause: deadlock
package com.shop;

import java.util.List;

/** Money goes both ways at once, and each way locks the giver first. */
public final class Transfers {
    static final class Account {
        private long cents = 10_000;

        void moveTo(Account other, long amount) throws InterruptedException {
            synchronized (this) {
                Thread.sleep(200);
                synchronized (other) { // culprit
                    cents -= amount; // culprit
                    other.cents += amount;
                }
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Account shop = new Account();
        Account bank = new Account();
        for (List<Account> pair : List.of(List.of(shop, bank), List.of(bank, shop))) {
            new Thread(() -> {
                try {
                    pair.get(0).moveTo(pair.get(1), 5);
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
            }, "transfer").start();
        }
        System.out.println("ready");
    }
}
