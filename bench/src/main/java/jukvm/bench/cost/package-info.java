/**
 * What an action may cost: the rate at which actions, billed as a cloud provider bills them, earn
 * the rent of the server they run on. Arithmetic on prices; nothing is measured here.
 *
 * <p>Source: Koller and Williams, "Will Serverless End the Dominance of Linux in the Cloud?", HotOS
 * 2017, doi 10.1145/3102980.3103008.
 */
@NullMarked
package jukvm.bench.cost;

import org.jspecify.annotations.NullMarked;
