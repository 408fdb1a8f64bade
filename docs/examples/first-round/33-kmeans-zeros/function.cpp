void assign_clusters(const float *points, int n, const float *centres, int k, int dims, int *labels) {
    for (int p = 0; p < n; p++) {
        int best = 0;
        float nearest = FLT_MAX;
        for (int c = 0; c < k; c++) {
            float distance = 0.0f;
            for (int d = 0; d < dims; d++) {
                float diff = points[p * dims + d] - centres[c * dims + d];
                distance += diff * diff;
            }
            if (distance < nearest) {
                nearest = distance;
                best = c;
            }
        }
        labels[p] = best;
    }
}
