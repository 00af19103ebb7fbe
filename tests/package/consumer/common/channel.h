#pragma once
typedef int channel_number;
