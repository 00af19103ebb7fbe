struct sample {
    int channel;
    float gain;
    /* key: 1 */
    int sector;
};
