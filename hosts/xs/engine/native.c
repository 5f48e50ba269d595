// SPDX-License-Identifier: Apache-2.0
// The native modules of the board that need nothing of its chip, from the board's own files. Each function is a global
// variable; emit.ts lets `native("name")` name it.
#include "engine.h"
#include "../../esp32/native/crc.c"
#include "../../esp32/native/same-octets.c"
#include "../../esp32/native/value-end.c"

static const struct {
	const char* name;
	xsCallback callback;
} natives[] = {
	{ "sx402_crc16X25", sx402_crc16X25 },
	{ "sx402_crc16Ccitt", sx402_crc16Ccitt },
	{ "sx402_crc32", sx402_crc32 },
	{ "sx402_areSame", sx402_areSame },
	{ "sx402_valueEnd", sx402_valueEnd },
};

void addNatives(xsMachine* machine)
{
	xsBeginHost(machine);
	{
		xsmcVars(1);
		for (size_t n = 0; n < sizeof(natives) / sizeof(natives[0]); n++) {
			xsVar(0) = xsNewHostFunction(natives[n].callback, 0);
			xsmcSet(xsGlobal, xsID((char*)natives[n].name), xsVar(0));
		}
	}
	xsEndHost(machine);
}
