#pragma once
// What can be heard in a sound: its tempo, and a vector of how it sounds. By aubio (https://aubio.org).

#include "sp404/sound_file.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

namespace sp404 {

/// No more of a file is listened to.
inline constexpr double heard_seconds_max = 600;

struct Tempo {
  double bpm = 0;
  double confidence = 0;  ///< for which share of the time it seemed to be this one
};

/// A file whose name says that it is played round and round.
bool is_loop(const std::filesystem::path& path);

/// The tempo that it seems to have most of the time (as aubio hears it: Davies and Plumbley 2007), within some 2 %. aubio finds
/// beats in anything, a bell that dies away too: nothing is said where less begins to sound than there are beats, where no tempo
/// lasts for half of the time, or there are below four beats. A loop is listened to as it is played, again and again; it holds a
/// whole number of beats, so that its length then says the tempo exactly. Of other sounds below 4 seconds no tempo is said. It may
/// be the double or the half of what a listener would say.
std::optional<Tempo> hear_tempo(const Sound& sound, bool loops);

/// The name of what makes the vectors; another name, other vectors.
inline constexpr std::string_view timbre_model = "aubio-mfcc-16.1";
inline constexpr std::size_t timbre_numbers = 32;
using Timbre = std::array<float, timbre_numbers>;

/// How it sounds, whatever its loudness and length: mean and standard deviation, over the parts that are no silence, of 16
/// mel-frequency cepstral coefficients (Slaney's 40 bands). Nothing when all is silence, or the rate is too low for the bands.
std::optional<Timbre> hear_timbre(const Sound& sound);

}  // namespace sp404
