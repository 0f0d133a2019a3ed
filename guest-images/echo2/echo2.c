/* The second NIC of the echo guest; all the rest is in echo/. */
#include "guest.h"

DEVICE("service1", NET);
