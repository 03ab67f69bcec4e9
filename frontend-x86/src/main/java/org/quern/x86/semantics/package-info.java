/**
 * What each instruction does: static methods by family, called by the interpreter and by translated
 * code alike. Nothing here knows an engine. {@code Binding} finds the method of an instruction.
 *
 * <p>Contract: a method runs with {@code Cpu.rip} at the next instruction; it raises a fault by
 * {@code throw c.gp(0)} before it has changed any architectural state that the fault must not see.
 */
package org.quern.x86.semantics;
