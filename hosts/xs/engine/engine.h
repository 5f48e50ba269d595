// SPDX-License-Identifier: Apache-2.0
// The parts of the engine program: modules.c finds and loads modules, native.c has native modules of the board, flash-heap.c makes preloaded objects read-only,
// functions.c is what scripts may call, report.c tells the runner, main.c puts them together.
#ifndef SX402_XS_ENGINE_H
#define SX402_XS_ENGINE_H

#include "xsAll.h"
#include "xsScript.h"
#include "xs.h"
#include "xsmc.h"

// modules.c ------------------------------------------------------------------------------------------------------

// Module names are paths below `root` without extension; a name that starts with `prefix/` is looked for in `folder`.
void setModuleRoot(const char* root);
void addModulePrefix(const char* prefix, const char* folder);
// The module called `name` is what stands at `path` below the root, as the board's manifest may have it.
void replaceModule(const char* name, const char* path);
// Octets of byte code parsed so far. It lives outside the heap, as it lives in flash on the board.
size_t parsedCodeSize(void);

// flash-heap.c ---------------------------------------------------------------------------------------------------

// Gives every object of the machine the read-only semantics that preloaded objects have in flash.
void lockHeap(xsMachine* machine);
// Lets every value of a shared machine point to chunks that no collector moves, as the linker of the board does.
void placeChunks(xsMachine* machine);
// Objects and variables in a shared machine that can still be written: each costs a pointer in RAM, and a copy once it
// is written. Scopes and modules themselves do not count. With `isListed` each is reported. -1 without memory.
int countWritable(xsMachine* machine, bool isListed);

// functions.c ----------------------------------------------------------------------------------------------------

// Defines the host functions as globals of `machine`, which is about to be shared.
void addHostFunctions(xsMachine* machine);
// Until told so the functions throw: on the board native code cannot be called while modules are preloaded.
void allowHostFunctions(void);
void createFlash(size_t sectorCount);
// Byte codes executed since metering began, modulo nothing: the engine's own counter wraps at 2^32.
double countComputrons(xsMachine* machine);
// Reports the spans and totals gathered by the scripts.
void reportSpans(void);

// native.c -------------------------------------------------------------------------------------------------------

// Defines the native functions of the board as globals of `machine`, which is about to be shared.
void addNatives(xsMachine* machine);

// report.c -------------------------------------------------------------------------------------------------------

// Descriptors given by the runner; without a runner records go to the error output and requests fail.
enum { reportDescriptor = 3, replyDescriptor = 4 };

void openReport(void);
// One record of the report: {"kind":kind,"name":name,"value":value}.
void reportNumber(const char* kind, const char* name, double value);
void reportText(const char* kind, const char* name, const char* text);
// A request to the runner is written octet by octet between begin and end; the answer is then read one by one.
bool beginRequest(void);
void writeRequest(const uint8_t* bytes, size_t size);
void endRequest(void);
// Next octet of the answer, -1 at its end.
int readReply(void);

#endif
