// SPDX-License-Identifier: Apache-2.0
// What the XS engine asks of a platform, for a Linux program on x86 that behaves like the board: one machine, promise
// jobs run by the host, slots and chunks from malloc. Included by the engine itself through XSPLATFORM.
#ifndef SX402_XS_PLATFORM_H
#define SX402_XS_PLATFORM_H

#undef mxLinux
#define mxLinux 1
#undef mxLittleEndian
#define mxLittleEndian 1
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef int txSocket;
#define mxNoSocket -1
#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1

// Fields that the engine and this host keep in every machine. The waiter fields belong to Atomics.wait.
#define mxMachinePlatform \
	txSocket connection; \
	int hasPromiseJobs; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultChunkAllocation 1
#define mxUseDefaultMachinePlatform 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1
#define mxUseDefaultSlotAllocation 1

// With 64-bit pointers a slot has room for wide keys; with 32-bit ones the layout of the board is kept.
#if INTPTR_MAX == INT64_MAX
#define mx32bitID 1
#endif

#endif
