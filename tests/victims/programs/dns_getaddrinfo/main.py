# cause: blocked_dns resolver: silent
import smtplib


def notify(customer, text):
    with smtplib.SMTP("mail.shop.example", 2525) as server:  # culprit
        server.sendmail("shop@shop.example", [customer], text)


print("ready", flush=True)
notify("ada@example.org", "Your parcel is on its way.")
