/**
 * Files and block devices that guests are given as disks: opened, checked and locked so that no two
 * guests write one, and read and written in parts that a stop can come between.
 */
@NullMarked
package jukvm.block;

import org.jspecify.annotations.NullMarked;
