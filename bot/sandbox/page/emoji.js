// The emoji that an incident bot may use, by Slack's names; others are shown as `:name:`.

const NAMES = {
  red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵",
  large_purple_circle: "🟣", white_circle: "⚪", black_circle: "⚫", warning: "⚠️", white_check_mark: "✅", heavy_check_mark: "✔️",
  x: "❌", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", rotating_light: "🚨", fire: "🔥", boom: "💥", zap: "⚡",
  eyes: "👀", mag: "🔍", mag_right: "🔎", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰",
  bell: "🔔", no_bell: "🔕", mute: "🔇", speech_balloon: "💬", memo: "📝", pencil: "📝", clipboard: "📋", pushpin: "📌",
  paperclip: "📎", calendar: "📅", spiral_calendar_pad: "🗓️", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉",
  bar_chart: "📊", wrench: "🔧", hammer: "🔨", gear: "⚙️", lock: "🔒", unlock: "🔓", key: "🔑", robot_face: "🤖", bug: "🐛",
  bulb: "💡", question: "❓", exclamation: "❗", information_source: "ℹ️", arrow_right: "➡️", arrow_up: "⬆️", arrow_down: "⬇️",
  arrows_counterclockwise: "🔄", repeat: "🔁", rocket: "🚀", package: "📦", computer: "💻", floppy_disk: "💾", link: "🔗",
  tada: "🎉", wave: "👋", "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", pray: "🙏", raised_hands: "🙌", clap: "👏",
  ok_hand: "👌", slightly_smiling_face: "🙂", smile: "😄", sleeping: "😴", zzz: "💤", heart: "❤️", star: "⭐", sunrise: "🌅",
  crescent_moon: "🌙", coffee: "☕", skull: "💀", ghost: "👻", point_right: "👉", point_up: "☝️", sos: "🆘",
};

const SHORT = /:([a-z0-9_+'-]+)(?:::skin-tone-[2-6])?:/g;

export function emoji(name, unicode) {
  const points = (unicode ?? "").split("-").map((one) => parseInt(one, 16));
  if (unicode && points.every((one) => one > 0 && one <= 0x10ffff)) return String.fromCodePoint(...points);
  return Object.hasOwn(NAMES, name) ? NAMES[name] : `:${name}:`;
}

export const withEmoji = (text) => text.replace(SHORT, (whole, name) => Object.hasOwn(NAMES, name) ? NAMES[name] : whole);
