// SPDX-License-Identifier: Apache-2.0
// Random octets from the hardware generator. It is only random while a noise source feeds it: the radio, or the ADC that
// bootloader_random_enable() turns on. The meter's radio is off (its modem is a part of its own) and it uses no ADC, so
// the source is on during the call alone.
#include "xsmc.h"
#include "bootloader_random.h"
#include "esp_random.h"

void sx402_fillRandom(xsMachine* the)
{
	void* into;
	xsUnsignedValue size;
	xsmcGetBufferWritable(xsArg(0), &into, &size);
	bootloader_random_enable();
	esp_fill_random(into, size);
	bootloader_random_disable();
}
