/**
 * The software CPU core behind {@code -accel interp}: guest code is decoded once into linked {@link
 * org.quern.accel.software.Op} objects, cached by physical page, and executed by their virtual
 * {@code exec}. Start with {@link org.quern.accel.software.Core}.
 */
package org.quern.accel.software;
