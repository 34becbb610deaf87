// not hung options: -Xmx64m
package com.shop;

import java.util.ArrayDeque;

/** Makes much garbage and keeps little: its collector is busy and does well. */
public final class Garbage {
    public static void main(String[] args) {
        ArrayDeque<byte[]> recent = new ArrayDeque<>();
        System.out.println("ready");
        while (true) {
            recent.addLast(new byte[2048]);
            if (recent.size() > 1000) {
                recent.removeFirst();
            }
        }
    }
}
