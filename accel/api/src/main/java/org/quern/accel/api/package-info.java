/**
 * The accelerator contract: {@link org.quern.accel.api.Accelerator} makes a {@link
 * org.quern.accel.api.Vm}, which has {@link org.quern.accel.api.Vcpu}s. No implementation lives
 * here.
 */
package org.quern.accel.api;
