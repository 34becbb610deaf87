// cause: gc_thrash options: -Xmx24m,-XX:+UseSerialGC
package com.shop;

/** Keeps as many sessions as memory takes, and lets a few go when that is full. */
public final class Cache {
    private final byte[][] sessions = new byte[100_000][];
    private int next;

    void remember() {
        try {
            sessions[next % sessions.length] = new byte[512]; // culprit
            next++;
        } catch (OutOfMemoryError full) {
            forget(200);
        }
    }

    private void forget(int many) {
        for (int n = 0; n < many && next > 0; n++) {
            sessions[--next % sessions.length] = null;
        }
    }

    public static void main(String[] args) {
        Cache cache = new Cache();
        System.out.println("ready");
        while (true) {
            cache.remember();
        }
    }
}
