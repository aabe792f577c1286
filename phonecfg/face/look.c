#include "phonecfg/face/look.h"

/* Every colour pair has a contrast of 4.5 or more; what goes and comes is also struck, marked and said. */
const char face_style[] =
	".face .bg{fill:#fff}.face .tx{fill:#16191d}.face .mu{fill:#565c66}"
	".face .sc{fill:#eef1f5;stroke:#cdd3db}.face .ky{fill:#fff;stroke:#b9c0ca}.face .em{fill:none;stroke:#cdd3db;stroke-dasharray:3 3}"
	".face .ic{fill:none;stroke:#3a4656;stroke-width:1.4;stroke-linejoin:round;stroke-linecap:round}"
	".face .go{fill:#fdeceb;stroke:#b3261e;stroke-width:1.5}.face .gt{fill:#8c1d18}.face .sk{text-decoration:line-through}"
	".face .co{fill:#e7f6ec;stroke:#14703a;stroke-width:1.5}.face .ct{fill:#0d5a2c}"
	"@media(prefers-color-scheme:dark){"
	".face .bg{fill:#15181c}.face .tx{fill:#eceff3}.face .mu{fill:#a4acb8}"
	".face .sc{fill:#1f242a;stroke:#3a424c}.face .ky{fill:#2a3038;stroke:#4b5561}.face .em{stroke:#3f4853}.face .ic{stroke:#c5cedb}"
	".face .go{fill:#40201e;stroke:#f2938c}.face .gt{fill:#ffc9c4}"
	".face .co{fill:#173523;stroke:#6fcf97}.face .ct{fill:#b5efca}}";

const char face_icon_page[] = "M4 3l4 5-4 5M9 3l4 5-4 5";

const char *face_icon(const struct face_key *k)
{
	static const char *const icons[KEY_TYPE_COUNT] = {
		[KEY_NONE] = "",
		/* a handset */
		[KEY_LINE] =
			"M3.2 2h2.6l1.4 3.4-1.7 1.4a8.5 8.5 0 0 0 3.7 3.7l1.4-1.7L14 10.2v2.6c0 .7-.5 1.2-1.2 1.2A10.8 "
			"10.8 0 0 1 2 3.2C2 2.5 2.5 2 3.2 2z",
		/* two sheets */
		[KEY_SHARED_LINE] = "M2 2h8v8H2zM6 13.5h7.5V6",
		/* a lamp */
		[KEY_BLF] = "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6zM8 5.7a2.3 2.3 0 1 0 0 "
			    "4.6a2.3 2.3 0 1 0 0-4.6z",
		/* a flash */
		[KEY_SPEED_DIAL] = "M9.2 1.5L3.5 9H8l-1.2 5.5L12.5 7H8z",
		/* P */
		[KEY_PARK] = "M2 2h12v12H2zM6.2 12V4.5h2.3a2.2 2.2 0 0 1 0 4.5H6.2",
		/* a balloon */
		[KEY_INTERCOM] = "M2 2.5h12v8.5H8L4.5 14v-3H2z",
		/* a letter */
		[KEY_VOICEMAIL] = "M1.5 3.5h13v9h-13zM1.8 4L8 9l6.2-5",
		/* a loudspeaker */
		[KEY_PAGE] = "M2 6.2v3.6h2.6L9 13V3L4.6 6.2zM11.2 5.5a3.6 3.6 0 0 1 0 5M13 3.5a6.5 6.5 0 0 "
			     "1 0 9",
	};

	return (unsigned)k->type < KEY_TYPE_COUNT ? icons[k->type] : "";
}
