# cause: busy_loop place: jc/parsers/xrandr.py:_parse_screen,_parse_device,parse,_parse_model needs: jc
import jc

SCREENS = """'Screen 0: minimum 1024 x 600, current 1024 x 600, maximum 1024 x 600
default connected 1024x600+0+0 0mm x 0mm
1024x600       0.00*
"""


def resolution(text):
    found = jc.parse("xrandr", text)  # caller
    return found["screens"][0]["current_width"]


def inventory(kiosks):
    return {name: resolution(text) for name, text in kiosks}


print("ready", flush=True)
inventory([("lobby", SCREENS)])
