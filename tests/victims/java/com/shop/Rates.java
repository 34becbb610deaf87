// cause: blocked_network
package com.shop;

import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;

/** Asks a service for today's rates, without a timeout. */
public final class Rates {
    private final URL service;

    Rates(URL service) {
        this.service = service;
    }

    byte[] today() throws Exception {
        HttpURLConnection connection = (HttpURLConnection) service.openConnection();
        try (InputStream body = connection.getInputStream()) { // culprit
            return body.readAllBytes();
        }
    }

    public static void main(String[] args) throws Exception {
        Rates rates = new Rates(new URL("http://127.0.0.1:" + args[0] + "/rates"));
        System.out.println("ready");
        System.out.println(rates.today().length);
    }
}
