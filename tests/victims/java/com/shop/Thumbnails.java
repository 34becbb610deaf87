// cause: blocked_subprocess
package com.shop;

/** Has pictures made smaller by a tool that never ends. */
public final class Thumbnails {
    static int make() throws Exception {
        Process tool = new ProcessBuilder("sleep", "1000").start();
        return tool.waitFor(); // culprit
    }

    public static void main(String[] args) throws Exception {
        System.out.println("ready");
        System.exit(make());
    }
}
