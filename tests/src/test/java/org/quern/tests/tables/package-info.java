/** Decision tables run by guest programs, so that translated code has its part in them. */
package org.quern.tests.tables;
