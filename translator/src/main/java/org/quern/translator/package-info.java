/**
 * Turns regions of 64-bit guest code into JVM bytecode.
 *
 * <p>{@link org.quern.translator.Translator} collects a region of one page ({@code RegionPlan}),
 * emits it ({@code RegionCode} the frame, {@code InsnEmitter} the instructions: bytecode for the
 * hot integer forms, a call of the semantic method for the rest) and defines it as a hidden class.
 * ASM is visible in this module and nowhere else. What must not live here: execution policy, which
 * belongs to {@code accel/software}, and anything that knows a device.
 */
package org.quern.translator;
