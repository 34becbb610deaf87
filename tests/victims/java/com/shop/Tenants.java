// cause: infinite_recursion
package com.shop;

import java.util.Map;

/** A tenant that inherits from itself, and a retry that swallows what that ends in. */
public final class Tenants {
    private static final Map<String, String> PARENTS = Map.of("bikes", "base", "tea", "tea");
    private static final Map<String, String> THEMES = Map.of("base", "plain");

    static String theme(String tenant) {
        String own = THEMES.get(tenant);
        return own != null ? own : inherited(tenant); // culprit
    }

    static String inherited(String tenant) {
        return theme(PARENTS.get(tenant)); // culprit
    }

    static String page(String tenant) {
        while (true) {
            try {
                return "<body class='" + theme(tenant) + "'>";
            } catch (Throwable again) {
                Thread.onSpinWait();
            }
        }
    }

    public static void main(String[] args) {
        new Thread(() -> System.out.println(page("tea")), "http-1").start();
        System.out.println("ready");
    }
}
