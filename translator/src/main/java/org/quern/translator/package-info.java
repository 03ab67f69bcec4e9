/**
 * Turns regions of guest code into JVM bytecode.
 *
 * <p>What will live here: discovery of a region over the decoded instructions of {@code
 * org.quern.x86.decode}, flag and register liveness, the emitter with its table of intrinsics (each
 * beside its semantic twin), and the definition of hidden classes. ASM is visible in this module
 * and nowhere else. What must not: execution policy, which belongs to {@code accel/software}, and
 * anything that knows a device.
 *
 * <p>Nothing is implemented yet; the interpreter in {@code accel/software} runs without it.
 */
package org.quern.translator;
