// cause: gc_thrash options: -Xmx24m,-XX:+UseSerialGC
package com.shop;

import java.util.ArrayList;
import java.util.List;

/** Keeps every session it ever saw, with little memory to do it in. */
public final class Cache {
    private final List<byte[]> sessions = new ArrayList<>();

    void remember() {
        try {
            sessions.add(new byte[512]);
        } catch (OutOfMemoryError full) {
            sessions.subList(sessions.size() - 40, sessions.size()).clear();
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
